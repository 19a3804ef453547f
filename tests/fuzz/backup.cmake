ringhold_fuzzer(backup LINKS rh_backup)
