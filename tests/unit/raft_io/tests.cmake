ringhold_unit_test(raft_io LINKS rh_raft_io rh_sim_world rh_net)
