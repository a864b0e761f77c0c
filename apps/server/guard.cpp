#include "guard.hpp"

#include <fmt/format.h>
#include <sodium.h>

#include <algorithm>
#include <array>
#include <cctype>

#include "cotejo/base/http_status.hpp"
#include "cotejo/base/text.hpp"

namespace cotejo::server {

namespace {

constexpr std::size_t secret_bytes = 32;

std::string secret() {
  std::array<unsigned char, secret_bytes> bytes;
  randombytes_buf(bytes.data(), bytes.size());
  std::array<char, 2 * secret_bytes + 1> hex;
  sodium_bin2hex(hex.data(), hex.size(), bytes.data(), bytes.size());
  return hex.data();
}

bool same(std::string_view a, std::string_view b) {
  return a.size() == b.size() && sodium_memcmp(a.data(), b.data(), a.size()) == 0;
}

Error stranger(std::string message, std::string value) {
  return {.code = forbidden,
          .message = std::move(message),
          .value = printable(value),
          .remedy = "Open the link that `cotejo serve` printed."};
}

}  // namespace

const char* const own_policy = "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";
const char* const report_policy =
    "default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; img-src data: blob:; font-src data:; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'self'; sandbox allow-scripts allow-downloads allow-modals";

Guard::Guard(const Limits& limits) : limits_(limits) {
  if (sodium_init() < 0) throw std::runtime_error("the system's random number generator is not available");
  token_ = secret();
  session_ = secret();
}

void Guard::serve_on(int port) {
  cookie_name_ = fmt::format("cotejo_{}", port);  // cookies do not tell ports apart
  hosts_[0] = fmt::format("127.0.0.1:{}", port);
  hosts_[1] = fmt::format("localhost:{}", port);
  for (std::size_t i = 0; i < 2; ++i) origins_[i] = "http://" + hosts_[i];
}

bool Guard::is_token(const std::string& given) const {
  return same(given, token_);
}

std::string Guard::cookie() const {
  return fmt::format("{}={}; Path=/; HttpOnly; SameSite=Strict", cookie_name_, session_);
}

bool Guard::is_known(std::string_view head) const {
  const auto shows = [&](const std::string& mark, const std::string& secret) {
    for (auto at = head.find(mark); at != std::string_view::npos; at = head.find(mark, at + 1))
      if (same(head.substr(at + mark.size(), secret.size()), secret)) return true;
    return false;
  };
  return shows("token=", token_) || shows(cookie_name_ + "=", session_);
}

bool Guard::has_session(const httplib::Request& request) const {
  bool found = false;
  for (std::size_t i = 0; i < request.get_header_value_count("Cookie"); ++i) {
    const std::string header = request.get_header_value("Cookie", i);
    for (std::string_view rest = header; !rest.empty();) {
      const auto end = std::min(rest.find(';'), rest.size());
      const auto one = trimmed(rest.substr(0, end));
      rest.remove_prefix(std::min(end + 1, rest.size()));
      const auto equals = one.find('=');
      if (equals == std::string_view::npos || one.substr(0, equals) != cookie_name_) continue;
      found = same(one.substr(equals + 1), session_) || found;
    }
  }
  return found;
}

std::optional<Error> Guard::judge(const httplib::Request& request) const {
  const auto one_of = [](const std::string& given, const std::string(&all)[2]) {
    return given == all[0] || given == all[1];
  };
  const std::string host = request.get_header_value("Host");
  if (request.get_header_value_count("Host") != 1 || !one_of(host, hosts_))
    return stranger("the request is for another host", host);
  for (std::size_t i = 0; i < request.get_header_value_count("Origin"); ++i)
    if (const auto origin = request.get_header_value("Origin", i); origin != "http://" + host)
      return stranger("the request comes from another page", origin);
  const bool is_private = request.path.starts_with("/api/") || request.path.starts_with("/dossiers/");
  const std::string site = request.get_header_value("Sec-Fetch-Site");
  if (is_private && !site.empty() && site != "same-origin" && site != "none")
    return stranger("the request comes from another site", site);

  // A name with a blank in it is another header to another reader of the same bytes.
  for (const auto& [name, value] : request.headers)
    if (name.empty() || std::any_of(name.begin(), name.end(), [](unsigned char c) {
          return std::isalnum(c) == 0 &&
                 std::string_view("!#$%&'*+-.^_`|~").find(static_cast<char>(c)) == std::string_view::npos;
        }))
      return Error{.code = ErrorCode::usage,
                   .message = "the name of a header is none",
                   .value = printable(name),
                   .remedy = "Send letters, digits and hyphens, and the colon at once behind them."};
  // Bodies: of a known length, in one kind, not packed.
  const bool may_write = request.method == "POST" || request.method == "DELETE";
  if (!may_write && request.method != "GET" && request.method != "HEAD")
    return Error{.code = path_unknown,
                 .message = "there is no such method of HTTP here",
                 .value = printable(request.method),
                 .remedy = "See docs/api/openapi.yaml."};
  if (request.has_header("Transfer-Encoding") || request.has_header("Content-Encoding"))
    return Error{.code = ErrorCode::usage,
                 .message = "a body is sent plain and with its length",
                 .remedy = "Send Content-Length, and neither Transfer-Encoding nor Content-Encoding."};
  const auto length_text = request.get_header_value("Content-Length");
  if (request.get_header_value_count("Content-Length") > 1 ||
      length_text.find_first_not_of("0123456789") != std::string::npos || length_text.size() > 12)
    return Error{.code = ErrorCode::usage,
                 .message = "the length of the body is not a number",
                 .value = printable(length_text),
                 .remedy = "Send one Content-Length."};
  const std::size_t length = length_text.empty() ? 0 : std::stoull(length_text);
  if (length > 0 && (request.method == "GET" || request.method == "HEAD"))
    return Error{.code = ErrorCode::usage,
                 .message = "a request that asks for something has no body",
                 .value = length_text,
                 .remedy = "Leave the body out, or send it with POST."};
  const bool lists_units = request.path == "/api/challenges" || request.path == "/api/select" ||
                           request.path == "/api/units" || request.path == "/api/bins";
  const bool is_file = request.path == "/api/uploads";
  const std::size_t most = is_file ? limits_.file_body : lists_units ? limits_.unit_body : limits_.small_body;
  if (length > most)
    return Error{.code = too_large,
                 .message = fmt::format("the body may have {} bytes here", most),
                 .value = length_text,
                 .remedy = is_file ? "Import it on the command line: cotejo import." : "Ask for less at once."};
  if (request.method == "POST" && is_private && length > 0) {
    const std::string wanted = is_file ? "application/octet-stream" : "application/json";
    const auto type = request.get_header_value("Content-Type");
    if (trimmed(std::string_view(type).substr(0, type.find(';'))) != wanted)
      return Error{.code = ErrorCode::usage,
                   .message = fmt::format("the body must be {}", wanted),
                   .value = printable(type),
                   .remedy = "Set Content-Type."};
  }
  if (is_private && !has_session(request))
    return Error{.code = unauthorized,
                 .message = "this needs a session",
                 .remedy = "Open the link that `cotejo serve` printed, in this browser."};
  return std::nullopt;
}

std::optional<Error> Guard::refuse(const httplib::Request& request) {
  auto error = judge(request);
  if (!error) return error;
  const std::lock_guard lock(mutex_);
  const auto now = std::chrono::steady_clock::now();
  if (now - second_ > std::chrono::seconds(1)) {
    second_ = now;
    refused_ = 0;
  }
  if (++refused_ > limits_.refusals_per_second)
    return Error{.code = busy, .message = "too many requests that are refused", .remedy = "Wait a second."};
  return error;
}

void set_headers(httplib::Response& response, const std::string& policy) {
  response.set_header("Content-Security-Policy", policy);
  response.set_header("X-Content-Type-Options", "nosniff");
  response.set_header("Referrer-Policy", "no-referrer");
  response.set_header("Cross-Origin-Opener-Policy", "same-origin");
  response.set_header("Cross-Origin-Resource-Policy", "same-origin");
  response.set_header("Cache-Control", "no-store");
}

}  // namespace cotejo::server
