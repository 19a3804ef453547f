ringhold_unit_test(raft LINKS rh_raft)
