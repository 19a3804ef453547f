ringhold_unit_test(upstream LINKS rh_upstream)
