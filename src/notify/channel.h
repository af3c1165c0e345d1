// One way to reach a recipient. The dispatcher decides when to try again; a channel tries once.
#pragma once

#include "async/task.h"
#include "core/error.h"
#include "core/time.h"
#include "domain/notification.h"
#include "notify/message.h"

#include <string>

namespace carevoice::notify {

/// How one attempt went: the receiver's own id of the message (empty when it gives none), or why not. unavailable:
/// certainly not delivered, try again. timed_out: it may have arrived, try again all the same, for a second message is
/// better than none. rejected, invalid_input, too_large: it will never work. Others count as unavailable.
struct Delivery {
    Result<std::string> receipt;
    milliseconds retry_after{0};  ///< the receiver asked to be left alone for so long; 0 when it did not
};

/// The answer will be the same tomorrow.
constexpr bool never_works(Errc code) noexcept {
    return code == Errc::rejected || code == Errc::invalid_input || code == Errc::too_large;
}

/// Thread-safe. Details of errors name no recipient and no patient.
class Channel {
public:
    virtual ~Channel() = default;
    [[nodiscard]] virtual domain::Channel kind() const noexcept = 0;
    /// Ends soon after `deadline`, come what may.
    virtual async::Task<Delivery> deliver(Message message, Deadline deadline) = 0;
};

}  // namespace carevoice::notify
