#include "twilio/media_message.h"

#include <algorithm>

namespace carevoice::twilio {

namespace {

constexpr std::uint64_t silence_ms_max = 5'000;  // also: farther off than this is another clock
constexpr std::uint64_t jitter_us = 10'000;
constexpr std::uint64_t us_per_byte = 125;  // 8,000 bytes a second
// Microseconds of anything below fit in 64 bits; it is 292,000 years.
constexpr std::uint64_t timestamp_ms_max = std::uint64_t{1} << 53U;

}  // namespace

std::string_view StreamReceiver::refusal(std::string_view stream_sid) const {
    if (stopped_) return "after stop";
    if (!started_) return "before start";
    if (!stream_sid.empty() && stream_sid != stream_sid_) return "other stream";
    return {};
}

StreamReceiver::Event StreamReceiver::accept(std::string_view frame) {
    StreamMessage message = parser_.parse(frame);
    if (const auto* media = std::get_if<StreamMedia>(&message)) return accept_media(*media);
    if (std::holds_alternative<StreamConnected>(message)) return Nothing{};
    if (auto* start = std::get_if<StreamStart>(&message)) return accept_start(std::move(*start));
    if (const auto* dtmf = std::get_if<StreamDtmf>(&message)) {
        const auto refused = refusal(dtmf->stream_sid);
        return refused.empty() ? Event(Key{dtmf->digit}) : Event(Nothing{refused});
    }
    if (auto* mark = std::get_if<StreamMark>(&message)) {
        const auto refused = refusal(mark->stream_sid);
        return refused.empty() ? Event(Mark{std::move(mark->name)}) : Event(Nothing{refused});
    }
    if (const auto* stop = std::get_if<StreamStop>(&message)) {
        if (const auto refused = refusal(stop->stream_sid); !refused.empty()) return Nothing{refused};
        stopped_ = true;
        return Stopped{};
    }
    return Nothing{std::get<StreamIgnored>(message).reason};
}

StreamReceiver::Event StreamReceiver::accept_start(StreamStart start) {
    if (started_) return Nothing{"second start"};
    started_ = true;
    stream_sid_ = start.stream_sid;
    return Started{std::move(start)};
}

StreamReceiver::Event StreamReceiver::accept_media(const StreamMedia& media) {
    if (const auto refused = refusal(media.stream_sid); !refused.empty()) return Nothing{refused};
    if (!media.inbound) return Nothing{"outbound track"};
    // Without a timestamp the frame follows the last one.
    const std::uint64_t timestamp_ms = media.timestamp_ms.value_or(next_us_ / 1'000);
    if (timestamp_ms > timestamp_ms_max) return Nothing{"timestamp is not a number"};

    const std::uint64_t begin_us = media.timestamp_ms ? timestamp_ms * 1'000 : next_us_;
    const std::uint64_t length_us = media.mulaw.size() * us_per_byte;
    Audio audio{media.mulaw, 0, timestamp_ms};
    const bool clock_jumped_back = heard_ && timestamp_ms < last_ms_ && last_ms_ - timestamp_ms > silence_ms_max;
    if (!heard_ || clock_jumped_back) {
        next_us_ = begin_us + length_us;
    } else if (timestamp_ms < last_ms_) {
        return Nothing{"older than what was heard"};
    } else if (timestamp_ms == last_ms_ && media.sequence != 0 && media.sequence == last_sequence_) {
        return Nothing{"the same frame again"};
    } else if (begin_us > next_us_ + jitter_us) {
        audio.silence_before_ms = std::min((begin_us - next_us_) / 1'000, silence_ms_max);
        next_us_ = begin_us + length_us;
    } else {
        next_us_ += length_us;
    }
    heard_ = true;
    last_ms_ = timestamp_ms;
    last_sequence_ = media.sequence;
    return audio;
}

}  // namespace carevoice::twilio
