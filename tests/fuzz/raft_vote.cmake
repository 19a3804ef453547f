ringhold_fuzzer(raft_vote LINKS rh_raft_io)
