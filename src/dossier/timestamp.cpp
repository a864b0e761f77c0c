#include "timestamp.hpp"

#include <fmt/format.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/pkcs7.h>
#include <openssl/ts.h>
#include <openssl/x509.h>

#include <cstring>
#include <memory>

#include "cotejo/base/regular_file.hpp"
#include "cotejo/base/text.hpp"

namespace cotejo {

namespace {

template <auto release>
struct Free {
  template <class T>
  void operator()(T* object) const {
    release(object);
  }
};
template <class T, auto release>
using Owned = std::unique_ptr<T, Free<release>>;
using Response = Owned<TS_RESP, TS_RESP_free>;
using Bio = Owned<BIO, BIO_free_all>;
using Store = Owned<X509_STORE, X509_STORE_free>;
void free_certificates(STACK_OF(X509) * all) {
  sk_X509_pop_free(all, X509_free);
}
using Certificates = Owned<STACK_OF(X509), free_certificates>;
using VerifyContext = Owned<TS_VERIFY_CTX, TS_VERIFY_CTX_free>;

constexpr std::uint64_t largest_authority = 1 << 20;
constexpr int smallest_hash = 32;  // bytes

Error wrong(std::string message) {
  return {.code = ErrorCode::file_damaged,
          .message = std::move(message),
          .file = timestamp_name,
          .remedy = "Have the manifest stamped again (docs/trust.md)."};
}

// Why OpenSSL refused, in its words.
std::string reason() {
  const auto code = ERR_peek_last_error();
  ERR_clear_error();
  const char* text = code == 0 ? nullptr : ERR_reason_error_string(code);
  return text == nullptr ? std::string("no reason given") : printable(text);
}

Bio memory_of(std::string_view bytes) {
  return Bio(BIO_new_mem_buf(bytes.data(), static_cast<int>(bytes.size())));
}

std::string text_of(BIO* out) {
  char* data = nullptr;
  const long size = BIO_get_mem_data(out, &data);
  return size > 0 ? std::string(data, static_cast<std::size_t>(size)) : std::string();
}

// "2026-03-01 12:00:00 UTC"
std::string instant_of(const TS_TST_INFO* info) {
  std::tm time{};
  if (ASN1_TIME_to_tm(TS_TST_INFO_get_time(info), &time) != 1) return {};
  return fmt::format("{:04}-{:02}-{:02} {:02}:{:02}:{:02} UTC", time.tm_year + 1900, time.tm_mon + 1, time.tm_mday,
                     time.tm_hour, time.tm_min, time.tm_sec);
}

std::string serial_of(const TS_TST_INFO* info) {
  const Bio out(BIO_new(BIO_s_mem()));
  i2a_ASN1_INTEGER(out.get(), TS_TST_INFO_get_serial(info));
  return text_of(out.get());
}

Result<void> is_of(TS_TST_INFO* info, std::string_view stamped) {
  TS_MSG_IMPRINT* imprint = TS_TST_INFO_get_msg_imprint(info);
  const ASN1_OBJECT* algorithm = nullptr;
  X509_ALGOR_get0(&algorithm, nullptr, nullptr, TS_MSG_IMPRINT_get_algo(imprint));
  const EVP_MD* hash = EVP_get_digestbyobj(algorithm);
  if (hash == nullptr || EVP_MD_get_size(hash) < smallest_hash)
    return wrong("the time stamp is over a hash that is unknown or too short");
  unsigned char own[EVP_MAX_MD_SIZE];
  unsigned size = 0;
  const ASN1_OCTET_STRING* there = TS_MSG_IMPRINT_get_msg(imprint);
  if (EVP_Digest(stamped.data(), stamped.size(), own, &size, hash, nullptr) != 1 ||
      ASN1_STRING_length(there) != static_cast<int>(size) || std::memcmp(ASN1_STRING_get0_data(there), own, size) != 0)
    return wrong("the time stamp is not of this manifest");
  return {};
}

// By the certificate that the stamp may bring itself: that it is whole, not who made it.
Result<TimeStamp::Signature> is_whole(TS_RESP* response) {
  PKCS7* token = TS_RESP_get_token(response);
  if (sk_X509_num(token->d.sign->cert) <= 0) return TimeStamp::Signature::not_checked;
  const Bio out(BIO_new(BIO_s_null()));
  if (PKCS7_verify(token, nullptr, nullptr, nullptr, out.get(), PKCS7_NOVERIFY) == 1)
    return TimeStamp::Signature::holds;
  return wrong(fmt::format("the time stamp's signature does not hold (OpenSSL: {})", reason()));
}

struct Authority {
  Store trusted;
  Certificates all;  // the signer's own may be among them
};

Result<Authority> certificates_of(const std::filesystem::path& file) {
  COTEJO_TRY(text, read_regular(file, largest_authority));
  const Bio in = memory_of(text);
  Authority out{Store(X509_STORE_new()), Certificates(sk_X509_new_null())};
  while (X509* one = PEM_read_bio_X509(in.get(), nullptr, nullptr, nullptr)) {
    X509_STORE_add_cert(out.trusted.get(), one);  // takes a share of its own
    sk_X509_push(out.all.get(), one);
  }
  ERR_clear_error();
  if (sk_X509_num(out.all.get()) == 0)
    return Error{.code = ErrorCode::option_invalid,
                 .message = "the file has no certificate (PEM)",
                 .file = file.string(),
                 .remedy = "Get the certificates of the time-stamping authority from the authority itself."};
  return out;
}

Result<TimeStamp::Signature> is_by(TS_RESP* response, std::string_view stamped, const std::filesystem::path& file) {
  COTEJO_TRY(authority, certificates_of(file));
  const VerifyContext context(TS_VERIFY_CTX_new());
  TS_VERIFY_CTX_set_flags(context.get(), TS_VFY_VERSION | TS_VFY_SIGNER | TS_VFY_DATA | TS_VFY_SIGNATURE);
  // The context frees these.
  TS_VERIFY_CTX_set_data(context.get(), memory_of(stamped).release());
  TS_VERIFY_CTX_set_store(context.get(), authority.trusted.release());
  TS_VERIFY_CTX_set_certs(context.get(), authority.all.release());
  if (TS_RESP_verify_response(context.get(), response) == 1) return TimeStamp::Signature::by_the_authority;
  return wrong(
      fmt::format("the time stamp is not by the authority whose certificates were given (OpenSSL: {})", reason()));
}

}  // namespace

Result<TimeStamp> check_timestamp(std::string_view bytes, std::string_view stamped,
                                  const std::optional<std::filesystem::path>& authority) {
  ERR_clear_error();
  const auto* at = reinterpret_cast<const unsigned char*>(bytes.data());
  const auto* const end = at + bytes.size();
  const Response response(d2i_TS_RESP(nullptr, &at, static_cast<long>(bytes.size())));
  if (!response || at != end) return wrong("the file is no time stamp (RFC 3161)");
  const auto status = ASN1_INTEGER_get(TS_STATUS_INFO_get0_status(TS_RESP_get_status_info(response.get())));
  TS_TST_INFO* info = TS_RESP_get_tst_info(response.get());
  if ((status != TS_STATUS_GRANTED && status != TS_STATUS_GRANTED_WITH_MODS) || info == nullptr)
    return wrong("the authority's answer is a refusal, not a time stamp");
  COTEJO_CHECK(is_of(info, stamped));
  COTEJO_TRY(signature, authority ? is_by(response.get(), stamped, *authority) : is_whole(response.get()));
  return TimeStamp{.at = instant_of(info), .serial = serial_of(info), .signature = signature};
}

}  // namespace cotejo
