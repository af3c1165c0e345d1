// Strong identifiers, so that a CallSid can never be passed where a CallSessionId is meant.
#pragma once

#include <compare>
#include <cstddef>
#include <functional>
#include <string>
#include <string_view>
#include <utility>

namespace carevoice {

/// A string that knows what it identifies. Empty means "none yet". The text is not validated here: each boundary does.
template <class Tag>
class StrongId {
public:
    StrongId() = default;
    explicit StrongId(std::string text) : text_(std::move(text)) {}

    [[nodiscard]] const std::string& str() const noexcept { return text_; }
    [[nodiscard]] bool empty() const noexcept { return text_.empty(); }

    friend auto operator<=>(const StrongId&, const StrongId&) = default;
    friend bool operator==(const StrongId&, const StrongId&) = default;

private:
    std::string text_;
};

using CallSessionId =
    StrongId<struct CallSessionIdTag>;        ///< ours: one planned or live call, chosen by the API's caller or by us
using CallSid = StrongId<struct CallSidTag>;  ///< Twilio's: "CA" and 32 hex digits
using StreamSid = StrongId<struct StreamSidTag>;            ///< Twilio's: "MZ" and 32 hex digits
using PatientId = StrongId<struct PatientIdTag>;            ///< the hospital's own key of a patient
using AlertId = StrongId<struct AlertIdTag>;                ///< ours: one alert of one call
using NotificationId = StrongId<struct NotificationIdTag>;  ///< ours: one message about an alert to one recipient

/// True for 1 to 64 of A-Z a-z 0-9 . _ - : what our API accepts as patient_id and call_session_id.
bool is_valid_public_id(std::string_view text) noexcept;

}  // namespace carevoice

template <class Tag>
struct std::hash<carevoice::StrongId<Tag>> {
    std::size_t operator()(const carevoice::StrongId<Tag>& id) const noexcept {
        return std::hash<std::string>{}(id.str());
    }
};
