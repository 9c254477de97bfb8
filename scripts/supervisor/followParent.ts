/**
 * Loaded into each child (`node --import`): when the supervisor is gone, even by kill -9, the channel to it closes and
 * the child drains and ends as if it had been told to. So a restart finds its ports free.
 */
process.on('disconnect', () => process.kill(process.pid, 'SIGTERM'));
process.channel?.unref();
