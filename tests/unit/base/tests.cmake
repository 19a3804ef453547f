ringhold_unit_test(base LINKS rh_base)
