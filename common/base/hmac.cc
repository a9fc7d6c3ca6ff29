#include "common/base/hmac.h"

#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/params.h>

#include <array>
#include <memory>
#include <new>

namespace common {
namespace {

struct Free {
  void operator()(EVP_MAC* mac) const { EVP_MAC_free(mac); }
  void operator()(EVP_MAC_CTX* context) const { EVP_MAC_CTX_free(context); }
};
using Context = std::unique_ptr<EVP_MAC_CTX, Free>;

Context NewContext(HmacHash hash) {
  const std::unique_ptr<EVP_MAC, Free> mac(EVP_MAC_fetch(nullptr, "HMAC", nullptr));
  if (!mac) throw std::bad_alloc();
  Context context(EVP_MAC_CTX_new(mac.get()));
  std::string digest = hash == HmacHash::kSha256 ? "SHA256" : "SHA512";
  const std::array<OSSL_PARAM, 2> parameters = {
      OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, digest.data(), 0),
      OSSL_PARAM_construct_end()};
  if (!context || EVP_MAC_CTX_set_params(context.get(), parameters.data()) != 1) {
    throw std::bad_alloc();
  }
  return context;
}

/// One context per thread and hash: making one takes longer than hashing a callback.
EVP_MAC_CTX* ContextOf(HmacHash hash) {
  thread_local const Context sha256 = NewContext(HmacHash::kSha256);
  thread_local const Context sha512 = NewContext(HmacHash::kSha512);
  return hash == HmacHash::kSha256 ? sha256.get() : sha512.get();
}

const unsigned char* BytesOf(std::string_view text) {
  // OpenSSL takes a null pointer for "the key of before".
  return reinterpret_cast<const unsigned char*>(text.empty() ? "" : text.data());
}

}  // namespace

std::string Hmac(HmacHash hash, std::string_view key, std::span<const std::string_view> parts) {
  EVP_MAC_CTX* const context = ContextOf(hash);
  bool is_done = EVP_MAC_init(context, BytesOf(key), key.size(), nullptr) == 1;
  for (const std::string_view part : parts) {
    is_done = is_done && EVP_MAC_update(context, BytesOf(part), part.size()) == 1;
  }
  std::string mac(EVP_MAX_MD_SIZE, '\0');
  std::size_t size = 0;
  is_done = is_done && EVP_MAC_final(context, reinterpret_cast<unsigned char*>(mac.data()), &size,
                                     mac.size()) == 1;
  if (!is_done) throw std::bad_alloc();
  mac.resize(size);
  return mac;
}

bool EqualsInConstantTime(std::string_view a, std::string_view b) {
  return a.size() == b.size() && CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0;
}

bool EqualsInConstantTime(std::span<const std::uint8_t> a, std::span<const std::uint8_t> b) {
  return a.size() == b.size() && CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0;
}

}  // namespace common
