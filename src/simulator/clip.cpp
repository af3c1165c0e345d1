#include "simulator/clip.h"

#include <cmath>
#include <cstddef>
#include <numbers>

namespace carevoice::simulator {

namespace {

template <class Wave>
SharedClip render(std::chrono::milliseconds length, Wave wave) {
    auto clip = std::make_shared<Clip>();
    const auto samples = static_cast<std::size_t>(length.count()) * audio::phone_rate_hz / 1000;
    clip->mulaw.reserve(samples);
    for (std::size_t i = 0; i < samples; ++i) {
        const double seconds = static_cast<double>(i) / audio::phone_rate_hz;
        clip->mulaw.push_back(audio::mulaw_encode(static_cast<std::int16_t>(std::lround(wave(seconds) * 32767))));
    }
    return clip;
}

}  // namespace

SharedClip make_tone(double hertz, std::chrono::milliseconds length) {
    return render(length, [hertz](double seconds) { return 0.3 * std::sin(2 * std::numbers::pi * hertz * seconds); });
}

SharedClip make_babble(std::chrono::milliseconds length) {
    return render(length, [](double seconds) {
        // A voice of 120 Hz with three overtones, opening and closing four times a second as syllables do.
        const double turn = 2 * std::numbers::pi * seconds;
        const double syllable = 0.55 + 0.45 * std::sin(4 * turn);
        double voice = 0;
        for (const int overtone : {1, 3, 5, 9}) voice += std::sin(120 * overtone * turn) / overtone;
        return 0.25 * syllable * voice / 1.7;
    });
}

}  // namespace carevoice::simulator
