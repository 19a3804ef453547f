add_library(net_test_support STATIC net/test_certificates.cpp net/test_world.cpp)
target_link_libraries(net_test_support PUBLIC rh_net)
ringhold_unit_test(net LINKS rh_net net_test_support)
