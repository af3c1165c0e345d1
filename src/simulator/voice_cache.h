// The patients' voices, spoken once and kept as telephone audio.
#pragma once

#include "async/blocking_pool.h"
#include "async/task.h"
#include "simulator/clip.h"
#include "speech/text_to_speech.h"

#include <filesystem>
#include <map>
#include <mutex>
#include <string>
#include <string_view>

namespace carevoice::simulator {

/// True when there is something to be spoken: a letter or digit outside [brackets].
bool is_speakable(std::string_view text) noexcept;

/// `samples` as a clip: resampled to 8 kHz, silence cut off at both ends, brought to the loudness of a telephone voice
/// (`volume` 1; a faint one is 0.3).
SharedClip make_clip(const speech::SpokenAudio& audio, double volume);

/// Thread-safe. `voice` (nullptr: babble instead of words) outlives it.
class VoiceCache {
public:
    /// Files are `folder`/HASH.ulaw, 8 kHz mu-law without header; an empty `folder` keeps them in memory only.
    VoiceCache(speech::TextToSpeech* voice, std::filesystem::path folder);

    /// Errors as of speech::TextToSpeech; a cache folder that cannot be written is no error.
    async::Task<Result<SharedClip>> clip(std::string text, double speed, double volume);

private:
    [[nodiscard]] std::filesystem::path file_of(std::uint64_t key) const;
    SharedClip remember(std::uint64_t key, const SharedClip& clip);

    speech::TextToSpeech* voice_;
    std::filesystem::path folder_;
    std::mutex mutex_;
    std::map<std::uint64_t, SharedClip> clips_;
    async::BlockingPool files_{1, 1024};
};

}  // namespace carevoice::simulator
