#include "common/base/sha256.h"

#include <openssl/evp.h>

#include <memory>
#include <new>

#include "common/base/text.h"

namespace common {
namespace {

struct Free {
  void operator()(EVP_MD_CTX* context) const { EVP_MD_CTX_free(context); }
};
using Context = std::unique_ptr<EVP_MD_CTX, Free>;

Context NewContext() {
  Context context(EVP_MD_CTX_new());
  if (!context || EVP_DigestInit_ex(context.get(), EVP_sha256(), nullptr) != 1) {
    throw std::bad_alloc();
  }
  return context;
}

}  // namespace

// One context per thread: OpenSSL's SHA256() looks up the algorithm and creates a context on each
// call, which takes longer than hashing a few hundred bytes.
Sha256Digest Sha256(std::string_view bytes) {
  thread_local const Context context = NewContext();
  Sha256Digest digest{};
  const bool is_done = EVP_DigestInit_ex(context.get(), nullptr, nullptr) == 1 &&
                       EVP_DigestUpdate(context.get(), bytes.data(), bytes.size()) == 1 &&
                       EVP_DigestFinal_ex(context.get(), digest.data(), nullptr) == 1;
  if (!is_done) throw std::bad_alloc();
  return digest;
}

std::string Sha256Hex(std::string_view bytes) {
  const Sha256Digest digest = Sha256(bytes);
  return ToHex({reinterpret_cast<const char*>(digest.data()), digest.size()});
}

}  // namespace common
