ringhold_unit_test(resp LINKS rh_resp)
