// Portkey listens on all interfaces by default; loaded before it, this keeps it on the loopback interface.
const net = require('node:net')
const listen = net.Server.prototype.listen
net.Server.prototype.listen = function (first, ...rest) {
  if (first !== null && typeof first === 'object') return listen.call(this, { ...first, host: '127.0.0.1' }, ...rest)
  const callback = rest.find((item) => typeof item === 'function')
  return listen.call(this, Number(first), '127.0.0.1', ...(callback ? [callback] : []))
}
