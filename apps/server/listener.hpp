// An HTTP server whose connections have deadlines: a head must be whole within a time and a size, a body must come at a
// rate, a reader must read, and there are only so many connections. (cpp-httplib bounds each read, not their sum.)
#pragma once

#include <httplib.h>

#include <atomic>

#include "cotejo/server/server.hpp"

namespace cotejo::server {

class Listener : public httplib::Server {
 public:
  explicit Listener(const Limits& limits);

  // Within a handler: no further request is read from this connection.
  static void close_this_connection();

  bool stopping() const { return stopping_; }
  void stop_all();

 private:
  bool process_and_close_socket(socket_t socket) override;

  Limits limits_;
  std::atomic<bool> stopping_ = false;
};

}  // namespace cotejo::server
