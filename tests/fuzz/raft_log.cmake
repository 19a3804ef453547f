ringhold_fuzzer(raft_log LINKS rh_raft_io)
