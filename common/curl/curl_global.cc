#include "common/curl/curl_global.h"

#include <curl/curl.h>

#include <stdexcept>

namespace common {

CurlGlobal::CurlGlobal() {
  if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK) {
    throw std::runtime_error("libcurl cannot be initialised");
  }
  if ((curl_version_info(CURLVERSION_NOW)->features & CURL_VERSION_SSL) == 0) {
    curl_global_cleanup();
    throw std::runtime_error("this libcurl was built without TLS");
  }
}

CurlGlobal::~CurlGlobal() { curl_global_cleanup(); }

}  // namespace common
