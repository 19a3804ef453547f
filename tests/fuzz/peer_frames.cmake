ringhold_fuzzer(peer_frames LINKS rh_raft_io)
