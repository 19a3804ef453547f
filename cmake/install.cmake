# cmake --install: programs, the C++ client library (ringhold::client), what an operator needs, and how to undo it all.
include(GNUInstallDirs)
include(CMakePackageConfigHelpers)

set(share_dir ${CMAKE_INSTALL_DATADIR}/ringhold)
set(package_dir ${CMAKE_INSTALL_LIBDIR}/cmake/ringhold)

install(TARGETS ringhold ringhold-proxy ringhold-dataserver COMPONENT programs)
install(PROGRAMS certs/make-certs DESTINATION ${share_dir}/certs COMPONENT programs)
install(FILES scripts/install.sh DESTINATION ${share_dir}/scripts COMPONENT programs)  # of make-certs
install(FILES cluster/servers.json cluster/servers.schema.json DESTINATION ${share_dir} COMPONENT programs)
install(FILES LICENSE README.md CHANGELOG.md DESTINATION ${CMAKE_INSTALL_DOCDIR} COMPONENT programs)
install(DIRECTORY docs/ DESTINATION ${CMAKE_INSTALL_DOCDIR} COMPONENT programs)

# Builds with sanitizers have no library to install.
if(TARGET ringhold_client)
  install(TARGETS ringhold_client EXPORT ringhold-targets
          ARCHIVE COMPONENT library
          INCLUDES DESTINATION ${CMAKE_INSTALL_INCLUDEDIR})
  install(DIRECTORY client/include/ringhold DESTINATION ${CMAKE_INSTALL_INCLUDEDIR} COMPONENT library)
  install(DIRECTORY client/example/ DESTINATION ${CMAKE_INSTALL_DOCDIR}/example COMPONENT library)
  install(EXPORT ringhold-targets NAMESPACE ringhold:: DESTINATION ${package_dir} COMPONENT library)
  configure_package_config_file(cmake/ringhold-config.cmake.in ${PROJECT_BINARY_DIR}/ringhold-config.cmake
                                INSTALL_DESTINATION ${package_dir})
  # Before 1.0 a minor version may change the interface.
  write_basic_package_version_file(${PROJECT_BINARY_DIR}/ringhold-config-version.cmake COMPATIBILITY SameMinorVersion)
  # The prefix is known only when it is installed, so the file finds it from where it lies itself.
  file(RELATIVE_PATH up_to_prefix /${CMAKE_INSTALL_LIBDIR}/pkgconfig /)
  configure_file(cmake/ringhold-client.pc.in ${PROJECT_BINARY_DIR}/ringhold-client.pc @ONLY)
  install(FILES ${PROJECT_BINARY_DIR}/ringhold-config.cmake ${PROJECT_BINARY_DIR}/ringhold-config-version.cmake
          DESTINATION ${package_dir} COMPONENT library)
  install(FILES ${PROJECT_BINARY_DIR}/ringhold-client.pc DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig COMPONENT library)
endif()

# Last, when the list of files is complete.
install(PROGRAMS cmake/uninstall DESTINATION share/ringhold COMPONENT programs)
install(PROGRAMS cmake/uninstall DESTINATION share/ringhold COMPONENT library)
install(SCRIPT cmake/note-installed-files.cmake ALL_COMPONENTS)
