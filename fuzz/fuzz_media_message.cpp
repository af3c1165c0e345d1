// Media-stream frames: one input is a whole stream, a frame a line, so that the protocol's states are explored too.
#include "twilio/media_message.h"

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using carevoice::twilio::StreamReceiver;
    StreamReceiver receiver;
    std::string_view rest(reinterpret_cast<const char*>(data), size);
    while (!rest.empty()) {
        const auto end = std::min(rest.find('\n'), rest.size());
        const auto event = receiver.accept(rest.substr(0, end));
        if (const auto* audio = std::get_if<StreamReceiver::Audio>(&event)) {
            if (audio->silence_before_ms > 5'000 || audio->mulaw.size() > 48 * 1024) std::abort();
        }
        rest.remove_prefix(std::min(end + 1, rest.size()));
    }
    return 0;
}
