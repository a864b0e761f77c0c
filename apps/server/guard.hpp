// Who may ask: the token of the printed link, the session's cookie, Host and Origin.
//
// The token and the session are 256 random bits each; comparisons take the same time wherever they differ. Host must be
// this server's own (a page of another name that resolves to 127.0.0.1 is refused), Origin too where there is one, and
// Sec-Fetch-Site must not say that another site asks.
#pragma once

#include <httplib.h>

#include <mutex>
#include <optional>
#include <string>

#include "cotejo/base/error.hpp"
#include "cotejo/server/server.hpp"

namespace cotejo::server {

class Guard {
 public:
  explicit Guard(const Limits& limits);
  void serve_on(int port);

  const std::string& token() const { return token_; }
  bool is_token(const std::string& given) const;
  std::string cookie() const;  // the value of Set-Cookie
  // Whether a request's head shows the token or the session; all else about it is judged by refuse().
  bool is_known(std::string_view head) const;

  // Why a request is refused before anything of it is read; nothing when it is welcome.
  std::optional<Error> refuse(const httplib::Request& request);

 private:
  std::optional<Error> judge(const httplib::Request& request) const;
  bool has_session(const httplib::Request& request) const;

  Limits limits_;
  std::string token_, session_, cookie_name_;
  std::string hosts_[2], origins_[2];
  std::mutex mutex_;
  std::chrono::steady_clock::time_point second_{};
  std::size_t refused_ = 0;
};

// Headers of every answer; `policy` is its Content-Security-Policy.
void set_headers(httplib::Response& response, const std::string& policy);

// Of answers that are no page.
extern const char* const own_policy;
// Of a dossier's report: its own inline script in a sandbox, nothing from anywhere.
extern const char* const report_policy;

}  // namespace cotejo::server
