ringhold_fuzzer(packed LINKS rh_store)
