ringhold_fuzzer(resp_reply LINKS rh_resp)
