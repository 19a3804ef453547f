ringhold_unit_test(cli LINKS rh_cli rh_server_cli)
