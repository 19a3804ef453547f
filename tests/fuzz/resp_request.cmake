ringhold_fuzzer(resp_request LINKS rh_resp)
