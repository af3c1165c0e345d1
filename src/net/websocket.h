// One WebSocket connection, server or client side, behind a narrow door.
#pragma once

#include "async/task.h"
#include "core/error.h"

#include <memory>
#include <string>
#include <string_view>

namespace carevoice::net {

/// One reader coroutine and any number of writers; all on the connection's strand. Pings are answered by themselves.
class WebSocket {
public:
    virtual ~WebSocket() = default;

    struct Message {
        std::string_view text;  ///< valid until the next read(); no copy is made
        bool is_text = true;    ///< false for a binary frame
    };

    /// The next message. Errors: cancelled (closed in good order, with the code of the close frame as provider_code, or
    /// the owner stopped), timed_out (idle limit),
    /// too_large (the other side broke the frame limit; the connection is closed with 1009), corrupt (protocol error),
    /// unavailable (connection lost).
    virtual async::Task<Result<Message>> read() = 0;

    /// Queues one text frame and returns when it is written. Errc::unavailable when 256 frames wait already or the
    /// connection is gone.
    virtual async::Task<Result<>> write(std::string text) = 0;

    /// Closes with a code of RFC 6455 section 7.4 (1000: normal). Waits for the other side, at most 2 s. Does nothing
    /// when the connection is closed or closing already.
    virtual async::Task<> close(int code) = 0;

    /// The strand that every call on this object must run on.
    virtual async::Executor executor() = 0;
};

}  // namespace carevoice::net
