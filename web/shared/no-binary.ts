// Stands for what the client knows of binary attachments: the server takes and sends none.

export const hasBinary = (): boolean => false;
export const isBinary = (): boolean => false;
export const deconstructPacket = (packet: unknown): unknown => ({ packet, buffers: [] });
export const reconstructPacket = (packet: unknown): unknown => packet;
export const encode = (): string => "";
export const decode = (): ArrayBuffer => new ArrayBuffer(0);
