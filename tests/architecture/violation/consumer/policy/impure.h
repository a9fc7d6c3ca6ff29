#pragma once
// Not compiled: shows that the include rules reject an impure policy.
#include <curl/curl.h>
