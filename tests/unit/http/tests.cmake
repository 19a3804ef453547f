ringhold_unit_test(http LINKS rh_http)
