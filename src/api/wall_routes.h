// Serves the nurse's wall. Internal to the room.
#pragma once

#include "api/wall_files.h"
#include "net/server.h"

#include <memory>

namespace carevoice::api {

/// The wall at "/" and its pages: each answers index.html, and the script in it shows the page. Its files answer under
/// their own names; whatever else there is keeps its 404. Open to everybody, for it holds no patient data: the script
/// asks for that with the reader's key.
void add_wall(net::Router& router, std::shared_ptr<const WallFiles> files);

}  // namespace carevoice::api
