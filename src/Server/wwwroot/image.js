// Pixels for models that take images: from a file or from strokes, scaled in the browser, so that no image as such leaves it.

// The mean of what each small pixel covers, which a browser's own scaling does not promise.
function shrink(source, width, height, channels) {
  const canvas = document.createElement('canvas');
  const scale = Math.max(1, Math.floor(Math.min(source.width / width, source.height / height)));
  canvas.width = width * scale;
  canvas.height = height * scale;
  const context = canvas.getContext('2d', { willReadFrequently: true });
  context.fillStyle = '#000';
  context.fillRect(0, 0, canvas.width, canvas.height);
  context.imageSmoothingQuality = 'high';
  context.drawImage(source, 0, 0, canvas.width, canvas.height);
  const { data } = context.getImageData(0, 0, canvas.width, canvas.height);
  const pixels = new Uint8Array(width * height * channels);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const sum = [0, 0, 0];
      for (let dy = 0; dy < scale; dy++) {
        for (let dx = 0; dx < scale; dx++) {
          const at = ((y * scale + dy) * canvas.width + x * scale + dx) * 4;
          sum[0] += data[at];
          sum[1] += data[at + 1];
          sum[2] += data[at + 2];
        }
      }
      const [red, green, blue] = sum.map(one => one / (scale * scale));
      const to = (y * width + x) * channels;
      if (channels === 1) {
        pixels[to] = Math.round(0.299 * red + 0.587 * green + 0.114 * blue);
      } else {
        pixels.set([Math.round(red), Math.round(green), Math.round(blue)], to);
      }
    }
  }
  return pixels;
}

function base64(bytes) {
  let text = '';
  for (let at = 0; at < bytes.length; at += 8192) {
    text += String.fromCharCode(...bytes.subarray(at, at + 8192));
  }
  return btoa(text);
}

export function clear(pad) {
  const context = pad.getContext('2d');
  context.fillStyle = '#000';
  context.fillRect(0, 0, pad.width, pad.height);
}

export function attach(page, pad, file, width, height, channels) {
  const give = source => page.invokeMethodAsync('TakeAsync', base64(shrink(source, width, height, channels)));
  file.addEventListener('change', async () => {
    if (!file.files.length) {
      return;
    }
    try {
      await give(await createImageBitmap(file.files[0]));
    } catch {
      file.setCustomValidity('This is no image that the browser can read.');
      file.reportValidity();
      return;
    }
    file.setCustomValidity('');
  });
  if (!pad) {
    return;
  }
  clear(pad);
  const context = pad.getContext('2d');
  let last = null;
  const place = event => {
    const box = pad.getBoundingClientRect();
    return [(event.clientX - box.left) * pad.width / box.width, (event.clientY - box.top) * pad.height / box.height];
  };
  const stroke = to => {
    context.strokeStyle = '#fff';
    context.lineWidth = Math.max(2, pad.width / 9);
    context.lineCap = context.lineJoin = 'round';
    context.beginPath();
    context.moveTo(...last);
    context.lineTo(...to);
    context.stroke();
    last = to;
  };
  pad.addEventListener('pointerdown', event => {
    pad.setPointerCapture(event.pointerId);
    last = place(event);
    stroke([last[0] + 0.1, last[1]]);
  });
  pad.addEventListener('pointermove', event => {
    if (last) {
      stroke(place(event));
    }
  });
  for (const end of ['pointerup', 'pointercancel']) {
    pad.addEventListener(end, () => {
      if (last) {
        last = null;
        give(pad);
      }
    });
  }
}
