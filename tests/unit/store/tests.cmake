ringhold_unit_test(store LINKS rh_store)
