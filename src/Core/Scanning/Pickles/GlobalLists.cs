namespace Raywright.Core.Scanning.Pickles;

/// <summary>
/// The names behind <see cref="GlobalRules"/>. Read from what scikit-learn 0.20–1.9, NumPy 1.x and 2.x, pandas 1–3,
/// SciPy, joblib, PyTorch, XGBoost and LightGBM write, and from the published gadgets of pickle scanners.
/// </summary>
internal static partial class GlobalLists
{
    /// <summary>Parts of otherwise known packages that run code or touch files. They win over every other list.</summary>
    public const string Dangerous = """
        numpy.testing.* numpy.distutils.* numpy.f2py.* numpy.ctypeslib.* numpy.lib.npyio.* numpy.lib._npyio_impl numpy.lib._datasource numpy.lib.format.* numpy.lib._format_impl numpy.lib.utils numpy.lib._utils_impl numpy._pytesttester numpy.compat.* numpy.conftest numpy._pyinstaller.* numpy.core.memmap numpy._core.memmap numpy._distributor_init numpy.__config__: *
        numpy.*: load loads save savez savez_compressed savetxt loadtxt genfromtxt fromfile tofile fromregex memmap DataSource open_memmap test runstring rundocs info source lookfor exec_mod_from_spec exec_command safe_eval deprecate
        scipy.io.* scipy.datasets.* scipy.misc.* scipy.weave.* scipy._lib._testutils scipy._lib._ccallback scipy.special._precompute.* scipy.conftest scipy._build_utils.*: *
        sklearn.datasets.* sklearn.externals.joblib.* sklearn.externals._arff sklearn.externals.conftest sklearn.externals._numpydoc.* sklearn.externals.array_api_extra.* sklearn.callback.* sklearn.utils._testing sklearn.utils.testing sklearn.utils._test_common.* sklearn.utils.estimator_checks sklearn.utils._mocking sklearn.utils._show_versions sklearn.utils._joblib sklearn.utils.parallel sklearn.utils.fixes sklearn._build_utils.* sklearn.conftest sklearn.tests.*: *
        sklearn.*: Memory Parallel Popen Client Listener Connection GzipFile TemporaryDirectory NamedTemporaryFile Thread ThreadPool ThreadpoolController Request Path delayed check_memory
        pandas.io.* pandas.core.computation.* pandas.compat.* pandas.util._tester pandas.util._test_decorators pandas._testing.* pandas.testing pandas.conftest pandas.tests.* pandas._config.*: *
        pandas.*: eval query read_* to_pickle to_csv to_sql HDFStore ExcelFile ExcelWriter test pipe import_optional_dependency
        joblib.externals.* joblib.memory joblib.parallel joblib.func_inspect joblib.pool joblib.executor joblib.test.* joblib.testing: *
        torch.hub.* torch.serialization torch.jit.* torch.utils.* torch.package.* torch.testing.* torch.fx.* torch.distributed.* torch._dynamo.* torch._inductor.* torch.multiprocessing.* torch.ops torch.classes torch.cuda.* torch.onnx.* torch.backends.* torch.library torch._ops torch._classes torch._export.* torch.export.*: *
        torch: load save compile import_ir_module
        tensorflow.* keras.*: load_* *_function read_* write_* save_* get_file deserialize* Lambda TorchModuleWrapper enable_unsafe_deserialization
        xgboost.* lightgbm.* catboost.*: train cv to_graphviz plot_* build_info
        """;

    /// <summary>Classes, and functions that restore objects: loading may call these.</summary>
    public const string Restorers = """
        builtins: object list dict set frozenset tuple bytes bytearray str int float complex bool slice range type NoneType Ellipsis NotImplemented *Error *Exception *Warning StopIteration KeyboardInterrupt SystemExit enumerate zip reversed property staticmethod classmethod
        types: NoneType SimpleNamespace MappingProxyType EllipsisType NotImplementedType GenericAlias
        collections: OrderedDict defaultdict deque Counter ChainMap UserDict UserList UserString
        datetime: datetime date time timedelta timezone
        decimal: Decimal Context
        _decimal _pydecimal: Decimal Context
        fractions: Fraction
        numbers: Number Integral Real Rational Complex
        uuid: UUID SafeUUID
        pathlib pathlib._local: Path PosixPath WindowsPath PurePath PurePosixPath PureWindowsPath
        array: array _array_reconstructor
        re sre_compile: _compile
        re: RegexFlag
        random: Random
        _random: Random
        io _io: BytesIO StringIO
        copyreg: _reconstructor __newobj__ __newobj_ex__
        _codecs codecs: encode
        argparse: Namespace
        logging: getLogger Logger RootLogger
        functools: partial
        operator _operator: itemgetter
        itertools: count chain repeat
        typing: Any Optional Union List Dict Tuple Set Callable Literal
        inspect: Signature Parameter _ParameterKind _empty
        dataclasses: _MISSING_TYPE _FIELD_BASE
        enum: auto
        zoneinfo: ZoneInfo ZoneInfo._unpickle
        ipaddress: IPv4Address IPv6Address IPv4Network IPv6Network
        time: struct_time
        string: Template
        pytz: _UTC _p utc _FixedOffset
        pytz.tzinfo: DstTzInfo StaticTzInfo
        dateutil.tz.* dateutil.relativedelta: tzutc tzlocal tzfile tzoffset relativedelta __get_gettz.<locals>.GettzFunc
        numpy numpy.core.multiarray numpy._core.multiarray numpy.core.numeric numpy._core.numeric numpy.core.numerictypes numpy._core.numerictypes: ndarray dtype _reconstruct scalar _frombuffer _convert_to_stringdtype_kwargs bool bool_ byte bytes_ cdouble character clongdouble complex64 complex128 complex256 complexfloating csingle datetime64 double flexible float16 float32 float64 float128 float_ floating generic half inexact int8 int16 int32 int64 int_ intc integer intp long longdouble longlong matrix number object_ recarray record short signedinteger single str_ string_ unicode_ timedelta64 ubyte uint uint8 uint16 uint32 uint64 uintc uintp ulong ulonglong unsignedinteger ushort void poly1d ufunc finfo iinfo errstate busdaycalendar
        numpy.core numpy._core: _ufunc_reconstruct _DType_reconstruct
        numpy.core._multiarray_umath numpy._core._multiarray_umath: _reconstruct scalar
        numpy.core._methods numpy._core._methods: _none
        numpy.dtypes numpy._core._dtype: @
        numpy.ma.core numpy.ma: MaskedArray MaskedConstant _mareconstruct mvoid
        numpy.matrixlib.defmatrix: matrix
        numpy.rec numpy.core.records numpy._core.records: recarray record
        numpy._core._internal numpy.core._internal: _convert_to_stringdtype_kwargs
        numpy.random numpy.random.mtrand: RandomState
        numpy.random.*: __randomstate_ctor __bit_generator_ctor __generator_ctor __pyx_unpickle_* @
        numpy.polynomial.*: @
        numpy.lib._polynomial_impl numpy.lib.polynomial: poly1d
        numpy.lib._function_base_impl numpy.lib.function_base numpy: vectorize
        numpy.exceptions: @
        scipy.sparse.* scipy.spatial.* scipy.interpolate.* scipy.stats.* scipy.optimize.* scipy.cluster.* scipy.signal.* scipy.special.* scipy.linalg.* scipy.integrate.* scipy.ndimage.* scipy.fft.*: @ *_gen rv_frozen rv_continuous_frozen rv_discrete_frozen rv_sample rv_histogram *_matrix *_array __pyx_unpickle_* interp1d gaussian_kde
        sklearn.*: @ newObj __pyx_unpickle_* _deserialize_*
        pandas.*: @ __pyx_unpickle_* _unpickle_* _new_Index _new_DatetimeIndex _new_PeriodIndex _new_IntervalIndex _restore_* _timedelta_unpickle _nat_unpickle __nat_unpickle _unpickle_timestamp _unpickle_block new_block _apply_wraps
        joblib.numpy_pickle sklearn.externals.joblib.numpy_pickle: NumpyArrayWrapper
        joblib.hashing: _MyHash _ConsistentSet
        torch: Tensor Size device dtype Generator *Storage float16 float32 float64 bfloat16 half float double int8 int16 int32 int64 uint8 uint16 uint32 uint64 short int long bool complex32 complex64 complex128 qint8 quint8 qint32 quint4x2 float8_e4m3fn float8_e5m2 strided sparse_coo sparse_csr contiguous_format channels_last preserve_format
        torch.storage: @ _load_from_bytes
        torch._utils: _rebuild_tensor _rebuild_tensor_v2 _rebuild_tensor_v3 _rebuild_parameter _rebuild_parameter_with_state _rebuild_sparse_tensor _rebuild_sparse_csr_tensor _rebuild_nested_tensor _rebuild_qtensor _rebuild_device_tensor_from_numpy _rebuild_device_tensor_from_cpu_tensor _rebuild_meta_tensor_no_storage _rebuild_wrapper_subclass _rebuild_*
        torch._tensor: Tensor _rebuild_from_type_v2
        torch.serialization: _get_layout
        torch.nn.backends.thnn: _get_thnn_function_backend
        __torch__.*: *
        torch.jit._pickle: build_intlist build_tensorlist build_doublelist build_boollist restore_type_tag build_tensor_from_id
        torch.nn.parameter: Parameter Buffer UninitializedParameter
        torch.nn.modules.*: @
        torch.nn: @
        torch.optim.*: @
        torch.distributions.*: @
        torch._C: _VariableFunctions
        torchvision.models.* torchvision.ops.* torchvision.transforms.*: @
        xgboost.* lightgbm.* catboost.* _catboost: @
        imblearn.*: @
        category_encoders.*: @
        tokenizers tokenizers.*: @
        pyarrow.lib pyarrow: _restore_array type_for_alias py_buffer chunked_array array schema field _reconstruct_table _reconstruct_record_batch struct list_ map_ dictionary timestamp decimal128 large_string string @
        """;

    /// <summary>Functions that may be part of a model and that loading only looks up.</summary>
    public const string References = """
        builtins: len abs round min max sum any all ord chr hash repr sorted pow divmod
        math cmath: *
        operator _operator: add sub mul truediv floordiv mod neg pos abs eq ne lt le gt ge and_ or_ xor not_ invert pow matmul concat contains
        numpy: abs absolute acos acosh add arccos arccosh arcsin arcsinh arctan arctan2 arctanh asin asinh atan atan2 atanh bitwise_and bitwise_count bitwise_invert bitwise_not bitwise_or bitwise_xor cbrt ceil conj conjugate copysign cos cosh deg2rad degrees divide divmod equal exp exp2 expm1 fabs float_power floor floor_divide fmax fmin fmod frexp gcd greater greater_equal heaviside hypot invert isfinite isinf isnan isnat lcm ldexp left_shift less less_equal log log10 log1p log2 logaddexp logaddexp2 logical_and logical_not logical_or logical_xor matmul maximum minimum mod modf multiply negative nextafter not_equal positive pow power rad2deg radians reciprocal remainder right_shift rint sign signbit sin sinh spacing sqrt square subtract tan tanh true_divide trunc
        numpy: all allclose amax amin any argmax argmin argsort array asarray asanyarray ascontiguousarray around array_equal atleast_1d atleast_2d atleast_3d average bincount clip column_stack concatenate corrcoef count_nonzero cov cross cumprod cumsum diag diff digitize dot einsum expand_dims flip fliplr flipud full gradient histogram hstack identity imag interp inner isclose isin kron linspace logspace max mean median min nan_to_num nanargmax nanargmin nanmax nanmean nanmedian nanmin nanpercentile nanprod nanquantile nanstd nansum nanvar ones ones_like outer pad percentile polyfit polyval prod ptp quantile ravel real reshape roll rot90 round searchsorted sinc sort split squeeze stack std sum swapaxes take tile trace transpose trapezoid trapz tri tril triu unique unwrap var vdot vstack where zeros zeros_like eye empty empty_like arange
        numpy.core.umath numpy._core.umath numpy.core._multiarray_umath numpy._core._multiarray_umath numpy.core.fromnumeric numpy._core.fromnumeric numpy.linalg numpy.linalg.linalg numpy.linalg._linalg numpy.fft numpy.fft._pocketfft numpy.lib._function_base_impl numpy.lib.function_base numpy.lib._nanfunctions_impl numpy.lib.nanfunctions: a* b* c* d* e* f* g* h* i* k* l* m* n* o* p* q* r* s* t* u* v* w* z*
        scipy._lib.* scipy.special.* scipy.stats.* scipy.spatial.* scipy.signal.* scipy.linalg.* scipy.fft.* scipy.ndimage.* scipy.sparse.* scipy.interpolate.* scipy.optimize.* scipy.cluster.* scipy.integrate.*: *
        sklearn.*: *
        pandas.core.* pandas pandas._libs.*: isna isnull notna notnull get_dummies to_datetime to_numeric to_timedelta concat merge cut qcut factorize unique value_counts Na* crosstab melt pivot pivot_table date_range
        torch.nn.functional torch._C._nn torch: relu gelu silu mish elu selu celu tanh sigmoid softmax log_softmax softplus leaky_relu relu6 hardtanh hardswish hardsigmoid logsigmoid softsign tanhshrink dropout layer_norm linear mse_loss l1_loss cross_entropy nll_loss binary_cross_entropy binary_cross_entropy_with_logits kl_div smooth_l1_loss huber_loss normalize interpolate pad one_hot scaled_dot_product_attention
        """;
}
