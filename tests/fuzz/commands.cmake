ringhold_fuzzer(commands LINKS rh_commands rh_store rh_command rh_resp)
