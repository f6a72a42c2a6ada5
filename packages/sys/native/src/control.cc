#include "control.h"

#include <algorithm>

namespace em {

bool TakeControlMessage(std::span<const std::uint8_t>* control, ControlMessage* out) {
  cmsghdr header = {};
  if (control->size() < sizeof(header)) return false;
  std::memcpy(&header, control->data(), sizeof(header));
  if (header.cmsg_len < CMSG_LEN(0) || header.cmsg_len > control->size()) return false;
  *out = {header.cmsg_level, header.cmsg_type, control->subspan(CMSG_LEN(0), header.cmsg_len - CMSG_LEN(0))};
  // The last one may lack its padding.
  *control = control->subspan(std::min<std::size_t>(CMSG_ALIGN(header.cmsg_len), control->size()));
  return true;
}

}  // namespace em
