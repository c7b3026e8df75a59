// Node's Socket.IO with every default, handing a message to a room of two; see peers.py.

import { createServer } from "node:http";
import { Server } from "socket.io";

const server = createServer();
const io = new Server(server);

io.on("connection", (socket) => {
  const { room } = socket.handshake.auth;
  socket.join(room);
  socket.on("message", (said, acknowledge) => {
    io.to(room).emit("message", said);
    acknowledge({ ok: true });
  });
});

server.listen(0, "127.0.0.1", () => {
  console.log(`listening on http://127.0.0.1:${server.address().port}`);
});
