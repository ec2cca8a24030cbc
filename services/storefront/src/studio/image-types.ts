/** Media types that the service takes as images. */
export const imageTypes = 'image/jpeg,image/png,image/webp,image/avif'
