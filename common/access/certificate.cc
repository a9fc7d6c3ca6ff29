#include "common/access/certificate.h"

#include <openssl/asn1.h>
#include <openssl/bio.h>
#include <openssl/x509.h>
#include <openssl/x509_vfy.h>
#include <openssl/x509v3.h>

#include <array>
#include <ctime>
#include <memory>

#include "common/base/text.h"

namespace common::access {
namespace {

struct Free {
  void operator()(X509* certificate) const { X509_free(certificate); }
  void operator()(BIO* bio) const { BIO_free(bio); }
  void operator()(GENERAL_NAMES* names) const { GENERAL_NAMES_free(names); }
};
template <typename T>
using Owned = std::unique_ptr<T, Free>;

std::string TextOf(BIO& bio) {
  char* text = nullptr;
  const long size = BIO_get_mem_data(&bio, &text);
  return size > 0 ? std::string(text, static_cast<std::size_t>(size)) : std::string();
}

std::string TextOf(const X509_NAME* name) {
  const Owned<BIO> bio(BIO_new(BIO_s_mem()));
  X509_NAME_print_ex(bio.get(), name, 0, XN_FLAG_RFC2253);
  return TextOf(*bio);
}

std::string AddressOf(const ASN1_OCTET_STRING& bytes) {
  std::string text;
  const int size = ASN1_STRING_length(&bytes);
  const unsigned char* const data = ASN1_STRING_get0_data(&bytes);
  for (int i = 0; i < size; ++i) {
    if (i > 0 && size == 4) text += ".";
    if (i > 0 && size == 16 && i % 2 == 0) text += ":";
    text +=
        size == 4 ? std::to_string(data[i]) : ToHex({reinterpret_cast<const char*>(data) + i, 1});
  }
  return text;
}

std::string NamesOf(const X509* certificate) {
  const Owned<GENERAL_NAMES> names(static_cast<GENERAL_NAMES*>(
      X509_get_ext_d2i(certificate, NID_subject_alt_name, nullptr, nullptr)));
  std::string text;
  for (int i = 0; i < sk_GENERAL_NAME_num(names.get()); ++i) {
    int kind = 0;
    const void* const value = GENERAL_NAME_get0_value(sk_GENERAL_NAME_value(names.get(), i), &kind);
    std::string name;
    if (kind == GEN_DNS) {
      const auto* const dns = static_cast<const ASN1_STRING*>(value);
      name.assign(reinterpret_cast<const char*>(ASN1_STRING_get0_data(dns)),
                  static_cast<std::size_t>(ASN1_STRING_length(dns)));
    } else if (kind == GEN_IPADD) {
      name = AddressOf(*static_cast<const ASN1_OCTET_STRING*>(value));
    }
    if (!name.empty()) text += (text.empty() ? "" : ", ") + name;
  }
  return text;
}

std::optional<WallTime> EndOf(const X509* certificate) {
  std::tm time{};
  if (ASN1_TIME_to_tm(X509_get0_notAfter(certificate), &time) != 1) return std::nullopt;
  return WallTime(std::chrono::seconds(::timegm(&time)));
}

bool Contains(std::string_view text, std::string_view part) {
  return text.find(part) != std::string_view::npos;
}

}  // namespace

ShownCertificate ReadCertificate(std::string_view der) {
  ShownCertificate shown;
  const auto* bytes = reinterpret_cast<const unsigned char*>(der.data());
  const Owned<X509> certificate(d2i_X509(nullptr, &bytes, static_cast<long>(der.size())));
  if (!certificate) return shown;
  shown.subject = TextOf(X509_get_subject_name(certificate.get()));
  shown.names = NamesOf(certificate.get());
  shown.valid_until = EndOf(certificate.get());
  return shown;
}

std::string NameOf(const ShownCertificate& certificate) {
  return certificate.is_leaf || certificate.subject.empty()
             ? certificate.host
             : certificate.host + " (its authority " + certificate.subject + ")";
}

std::string WhyRefused(const ShownCertificate& certificate) {
  std::string why = X509_verify_cert_error_string(certificate.error);
  const bool is_of_name = certificate.error == X509_V_ERR_HOSTNAME_MISMATCH ||
                          certificate.error == X509_V_ERR_IP_ADDRESS_MISMATCH;
  if (is_of_name) {
    why += "; it is for " + (certificate.names.empty() ? certificate.subject : certificate.names);
  }
  if (certificate.error == X509_V_ERR_CERT_HAS_EXPIRED && certificate.valid_until) {
    why += " on " + FormatRfc3339(*certificate.valid_until).substr(0, 10);
  }
  return why;
}

std::string CertificateAdvice(std::string_view why, std::string_view setting) {
  if (Contains(why, "expired")) return "it has expired; renew it on that host";
  if (Contains(why, "not yet valid")) {
    return "it is not valid yet; compare this machine's clock, or wait";
  }
  if (Contains(why, "mismatch") || Contains(why, "does not match") ||
      Contains(why, "no alternative certificate subject name")) {
    return "it is not for this name; use a name that it has, or give it this name";
  }
  if (Contains(why, "self-signed") || Contains(why, "self signed") ||
      Contains(why, "unable to get") || Contains(why, "unable to verify")) {
    return "no trusted authority has signed it; name the right one in " + std::string(setting) +
           ", and let the host send its whole chain";
  }
  return "see to its chain and " + std::string(setting);
}

std::string DescribeRefusal(const std::string& host, std::string_view why,
                            std::string_view setting) {
  return "the certificate of " + host + " is refused (" + std::string(why) +
         "): " + CertificateAdvice(why, setting);
}

}  // namespace common::access
