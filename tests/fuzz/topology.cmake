ringhold_fuzzer(topology LINKS rh_topology)
