# cmake --install installs programs, units, sample configurations and documents; cpack makes a .deb
# of them. The units contain the programs' paths, so the prefix is /usr unless another one is given.
if(CMAKE_INSTALL_PREFIX_INITIALIZED_TO_DEFAULT)
  set(CMAKE_INSTALL_PREFIX /usr CACHE PATH "Where programs are installed" FORCE)
endif()
install(TARGETS ingest consumer RUNTIME DESTINATION lib/sluice)
install(TARGETS sluicectl RUNTIME DESTINATION bin)
install(FILES ops/systemd/sluice-ingest.service ops/systemd/sluice-consumer.service
  DESTINATION lib/systemd/system)
install(FILES ops/systemd/sluice.sysusers DESTINATION lib/sysusers.d RENAME sluice.conf)
install(FILES ops/deb/ingest.yaml ops/deb/consumer.yaml ops/deb/consumer.env
  DESTINATION /etc/sluice PERMISSIONS OWNER_READ OWNER_WRITE GROUP_READ)
install(FILES README.md CHANGELOG.md ops/deb/copyright DESTINATION share/doc/sluice)
install(DIRECTORY ops/docs/ DESTINATION share/doc/sluice)
install(DIRECTORY ops/prometheus ops/grafana ops/proxy DESTINATION share/sluice USE_SOURCE_PERMISSIONS
  PATTERN "*.test.yml" EXCLUDE)

# sluicectl writes its own completions and manual.
set(written ${PROJECT_BINARY_DIR}/ops/ctl/written)
file(MAKE_DIRECTORY ${written})
foreach(shell bash zsh fish)
  add_custom_command(OUTPUT ${written}/sluicectl.${shell} DEPENDS sluicectl VERBATIM
    COMMAND sluicectl completion ${shell} > ${written}/sluicectl.${shell})
endforeach()
add_custom_command(OUTPUT ${written}/sluicectl.1.gz DEPENDS sluicectl VERBATIM
  COMMAND sluicectl man-page > ${written}/sluicectl.1
  COMMAND gzip -9nf ${written}/sluicectl.1)
add_custom_target(sluicectl_written ALL DEPENDS ${written}/sluicectl.bash ${written}/sluicectl.zsh
  ${written}/sluicectl.fish ${written}/sluicectl.1.gz)
install(FILES ${written}/sluicectl.bash DESTINATION share/bash-completion/completions RENAME sluicectl)
install(FILES ${written}/sluicectl.zsh DESTINATION share/zsh/vendor-completions RENAME _sluicectl)
install(FILES ${written}/sluicectl.fish DESTINATION share/fish/vendor_completions.d)
install(FILES ${written}/sluicectl.1.gz DESTINATION share/man/man1)

set(CPACK_GENERATOR DEB)
set(CPACK_PACKAGING_INSTALL_PREFIX /usr)
set(CPACK_PACKAGE_NAME sluice)
set(CPACK_PACKAGE_CONTACT "Sluice <root@localhost>")
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "Signicat Assure callbacks, received safely and published once")
set(CPACK_PACKAGE_DESCRIPTION "ingest makes each callback durable in Kafka before it answers;
consumer removes redeliveries, fetches the results and publishes each exactly once.")
set(CPACK_STRIP_FILES ON)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_SECTION net)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_PACKAGE_DEPENDS ca-certificates)
set(CPACK_DEBIAN_PACKAGE_CONTROL_EXTRA ${PROJECT_SOURCE_DIR}/ops/deb/postinst
  ${PROJECT_SOURCE_DIR}/ops/deb/prerm ${PROJECT_SOURCE_DIR}/ops/deb/postrm ${PROJECT_SOURCE_DIR}/ops/deb/conffiles)
set(CPACK_DEBIAN_PACKAGE_CONTROL_STRICT_PERMISSION ON)
include(CPack)
