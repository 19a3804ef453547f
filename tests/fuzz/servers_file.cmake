ringhold_fuzzer(servers_file LINKS rh_topology)
