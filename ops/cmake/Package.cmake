# cmake --install installs programs, units, sample configurations and documents; cpack makes a .deb
# of them. The units contain the programs' paths, so the prefix is /usr unless another one is given.
if(CMAKE_INSTALL_PREFIX_INITIALIZED_TO_DEFAULT)
  set(CMAKE_INSTALL_PREFIX /usr CACHE PATH "Where programs are installed" FORCE)
endif()
install(TARGETS ingest consumer RUNTIME DESTINATION lib/sluice)
install(TARGETS sluicectl RUNTIME DESTINATION bin)
# In PATH under names that nobody else has.
foreach(program ingest consumer)
  install(CODE "
    set(folder \$ENV{DESTDIR}\${CMAKE_INSTALL_PREFIX}/sbin)
    file(MAKE_DIRECTORY \${folder})
    file(CREATE_LINK ../lib/sluice/${program} \${folder}/sluice-${program} SYMBOLIC)")
endforeach()
install(FILES ops/deb/sluice-ingest.8 ops/deb/sluice-consumer.8 DESTINATION share/man/man8)
install(FILES ops/systemd/sluice-ingest.service ops/systemd/sluice-consumer.service
  DESTINATION lib/systemd/system)
install(FILES ops/systemd/sluice.sysusers DESTINATION lib/sysusers.d RENAME sluice.conf)
install(FILES ops/deb/ingest.yaml ops/deb/consumer.yaml ops/deb/consumer.env
  DESTINATION /etc/sluice PERMISSIONS OWNER_READ OWNER_WRITE GROUP_READ)
# Documents keep their places, so that their links work; what they link to comes with them.
install(FILES README.md CHANGELOG.md CONTRIBUTING.md LICENSE Dockerfile ops/deb/copyright
  DESTINATION share/doc/sluice)
install(FILES ops/compose.yaml DESTINATION share/doc/sluice/ops)
install(DIRECTORY ops/docs ops/helm ops/kubernetes DESTINATION share/doc/sluice/ops)
foreach(folder prometheus grafana proxy)
  install(DIRECTORY ops/${folder} DESTINATION share/sluice USE_SOURCE_PERMISSIONS
    PATTERN "*.test.yml" EXCLUDE)
  install(CODE "file(CREATE_LINK ../../../sluice/${folder}
    \$ENV{DESTDIR}\${CMAKE_INSTALL_PREFIX}/share/doc/sluice/ops/${folder} SYMBOLIC)")
endforeach()

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
