// Where the audio of recordings is kept, encrypted. A folder is the first implementation; object storage can follow.
#pragma once

#include "core/error.h"
#include "core/ids.h"
#include "storage/phi_key.h"

#include <filesystem>
#include <memory>
#include <string>

namespace carevoice::storage {

/// Blocks on files: call it on a BlockingPool. Thread-safe, also between processes.
class RecordingStore {
public:
    virtual ~RecordingStore() = default;

    /// Tells this store from those of other instances; two instances that share a folder share its id.
    [[nodiscard]] virtual const std::string& id() const noexcept = 0;

    /// Replaces what is there, all at once or not at all. unavailable: no room, no access.
    virtual Result<> save(const CallSessionId& call, const std::string& audio) = 0;
    /// not_found; forbidden when it needs a key that is not ours; corrupt when any bit of it, or its place, was
    /// changed; unavailable.
    virtual Result<std::string> load(const CallSessionId& call) = 0;
    /// ok as well when it is not there.
    virtual Result<> remove(const CallSessionId& call) = 0;
};

/// Files in `folder`, which is made and readable by its owner only. unavailable when it cannot be.
///
/// A file is "CVREC001", the key's id (16 hex digits), then one XChaCha20-Poly1305 stream of libsodium (secretstream):
/// its header and pieces of 64 KiB, the last one marked. Every piece is bound to the key's id and the call, so that no
/// file can stand in for another. Names are hashes of the call's id.
Result<std::unique_ptr<RecordingStore>> open_recording_folder(const std::filesystem::path& folder, PhiKeys keys);

}  // namespace carevoice::storage
