"""What a careful person writes by hand in Python for one model: FastAPI, one session, no checks, no batching, no key, no log."""
import sys

import numpy
import onnxruntime
import uvicorn
from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse

settings = onnxruntime.SessionOptions()
settings.intra_op_num_threads = 1
settings.inter_op_num_threads = 1
settings.add_session_config_entry("session.intra_op.allow_spinning", "0")
session = onnxruntime.InferenceSession(sys.argv[2], settings, providers=["CPUExecutionProvider"])
name = session.get_inputs()[0].name
app = FastAPI()


@app.post("/serve/dev/predict/iris")
async def predict(request: Request):
    body = await request.json()
    rows = numpy.asarray(body["inputs"][name], dtype=numpy.float32)
    label, probabilities = session.run(None, {name: rows})
    return JSONResponse({"outputs": {"label": label.tolist(), "probabilities": probabilities.tolist()}})


uvicorn.run(app, host="127.0.0.1", port=int(sys.argv[1]), log_level="critical", access_log=False)
