ringhold_unit_test(check LINKS rh_sim_check)
