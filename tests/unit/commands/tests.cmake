ringhold_unit_test(commands LINKS rh_commands rh_command rh_resp)
