#include "audio/resampler.h"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace carevoice::audio {

namespace {

/// Modified Bessel function of the first kind, order 0, by its power series: what a Kaiser window is made of.
double bessel_i0(double x) {
    double sum = 1;
    double term = 1;
    for (int k = 1; k < 40; ++k) {
        term *= (x / (2.0 * k)) * (x / (2.0 * k));
        sum += term;
    }
    return sum;
}

double kaiser(double position, double beta) {
    if (std::abs(position) >= 1) return 0;
    return bessel_i0(beta * std::sqrt(1 - position * position)) / bessel_i0(beta);
}

double sinc(double x) {
    if (std::abs(x) < 1e-9) return 1;
    return std::sin(std::numbers::pi * x) / (std::numbers::pi * x);
}

// A half-band filter leaves the input samples as they are and computes only those between them: tap k reaches the
// input (k - 7.5) samples away. Beta 3.8 gives 41 dB from 4.6 kHz on.
constexpr std::size_t between_taps = 16;

std::array<float, between_taps> make_between_filter() {
    std::array<double, between_taps> taps{};
    double sum = 0;
    for (std::size_t k = 0; k < between_taps; ++k) {
        const double away = static_cast<double>(k) - 7.5;
        taps[k] = sinc(away) * kaiser(away / 8.0, 3.8);
        sum += taps[k];
    }
    std::array<float, between_taps> filter{};
    for (std::size_t k = 0; k < between_taps; ++k) filter[k] = static_cast<float>(taps[k] / sum);
    return filter;
}

const std::array<float, between_taps> between_filter = make_between_filter();

}  // namespace

void Upsampler8kTo16k::process(std::span<const std::int16_t> in, std::vector<float>& out) {
    constexpr std::size_t block = 256;
    std::array<float, history + block> line{};
    while (!in.empty()) {
        const auto taken = in.first(std::min(block, in.size()));
        std::ranges::copy(past_, line.begin());
        for (std::size_t i = 0; i < taken.size(); ++i)
            line[history + i] = static_cast<float>(taken[i]) * (1.0F / 32'768.0F);
        for (std::size_t i = 0; i < taken.size(); ++i) {
            // line[i + 1 ... i + 16] ends with the newest input; its middle lies between line[i + 8] and line[i + 9].
            const float* const window = &line[i + 1];
            float between = 0;
            for (std::size_t k = 0; k < between_taps; ++k) between += between_filter[k] * window[k];
            out.push_back(window[7]);
            out.push_back(std::clamp(between, -1.0F, 1.0F));
        }
        std::copy_n(line.begin() + static_cast<std::ptrdiff_t>(taken.size()), history, past_.begin());
        in = in.subspan(taken.size());
    }
}

void Upsampler8kTo16k::reset() noexcept {
    past_.fill(0);
}

namespace {

/// The right half of a windowed sinc, sampled finely; between samples it is read by linear interpolation (error below
/// 16-bit resolution).
class Kernel {
public:
    static constexpr int zero_crossings = 16;

    Kernel() : values_(static_cast<std::size_t>(zero_crossings) * steps + 2) {
        for (std::size_t i = 0; i < values_.size(); ++i) {
            const double x = static_cast<double>(i) / steps;
            values_[i] = static_cast<float>(sinc(x) * kaiser(x / zero_crossings, 8.0));
        }
    }

    [[nodiscard]] double at(double x) const {
        const double place = std::abs(x) * steps;
        const auto index = static_cast<std::size_t>(place);
        if (index + 1 >= values_.size()) return 0;
        const double fraction = place - static_cast<double>(index);
        return values_[index] * (1 - fraction) + values_[index + 1] * fraction;
    }

private:
    static constexpr int steps = 512;
    std::vector<float> values_;
};

}  // namespace

std::vector<float> resample(std::span<const float> in, int from_hz, int to_hz) {
    if (from_hz <= 0 || to_hz <= 0 || in.empty()) return {};
    if (from_hz == to_hz) return {in.begin(), in.end()};
    static const Kernel kernel;
    const double step = static_cast<double>(from_hz) / to_hz;
    // Going down, the filter widens so that it cuts below the new half rate; the small margin is its transition band.
    const double cutoff = (step > 1 ? 1 / step : 1.0) * 0.94;
    const double reach = Kernel::zero_crossings / cutoff;
    const auto size = static_cast<std::size_t>(std::ceil(static_cast<double>(in.size()) / step));
    const auto last = static_cast<std::ptrdiff_t>(in.size()) - 1;
    std::vector<float> out(size);
    for (std::size_t i = 0; i < size; ++i) {
        const double centre = static_cast<double>(i) * step;
        const auto first = std::max<std::ptrdiff_t>(0, static_cast<std::ptrdiff_t>(std::ceil(centre - reach)));
        const auto end = std::min<std::ptrdiff_t>(last, static_cast<std::ptrdiff_t>(std::floor(centre + reach)));
        double sum = 0;
        for (std::ptrdiff_t n = first; n <= end; ++n)
            sum += static_cast<double>(in[static_cast<std::size_t>(n)]) *
                   kernel.at((static_cast<double>(n) - centre) * cutoff);
        out[i] = static_cast<float>(sum * cutoff);
    }
    return out;
}

}  // namespace carevoice::audio
