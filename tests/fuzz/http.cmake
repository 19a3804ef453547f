ringhold_fuzzer(http LINKS rh_http)
