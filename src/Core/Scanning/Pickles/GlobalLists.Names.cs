namespace Raywright.Core.Scanning.Pickles;

/// <summary>Whole packages and single names.</summary>
internal static partial class GlobalLists
{
    /// <summary>Top-level modules of Python 2.7 to 3.14, and of other operating systems: dangerous where no list allows a name.</summary>
    public const string StandardLibrary = """
        __builtin__ __future__ __phello__ _abc _aix_support _android_support _apple_support _ast _asyncio _bisect _blake2 _bootlocale _bootsubprocess
        _bz2 _codecs _codecs_cn _codecs_hk _codecs_iso2022 _codecs_jp _codecs_kr _codecs_tw _collections _collections_abc _colorize
        _compat_pickle _compression _contextvars _crypt _csv _ctypes _ctypes_test _curses _curses_panel _datetime _dbm _decimal _dummy_thread
        _elementtree _frozen_importlib _frozen_importlib_external _functools _gdbm _hashlib _heapq _hmac _hotshot _imp _interpchannels
        _interpqueues _interpreters _io _ios_support _json _locale _lsprof _lzma _markupbase _md5 _msi _multibytecodec _multiprocessing
        _opcode _opcode_metadata _operator _osx_support _overlapped _pickle _posixshmem _posixsubprocess _py_abc _py_warnings _pydatetime
        _pydecimal _pyio _pylong _pyrepl _queue _random _remote_debugging _scproxy _sha1 _sha2 _sha256 _sha3 _sha512 _signal
        _sitebuiltins _socket _sqlite3 _sre _ssl _stat _statistics _string _strptime _struct _suggestions _symtable _sysconfig _testbuffer
        _testcapi _thread _threading_local _tkinter _tokenize _tracemalloc _types _typing _uuid _warnings _weakref _weakrefset _winapi
        _winreg _wmi _zoneinfo _zstd abc aifc annotationlib antigravity argparse array ast asynchat asyncio asyncore atexit audioop base64
        BaseHTTPServer bdb binascii binhex bisect Bastion builtins bz2 calendar cgi CGIHTTPServer cgitb chunk cmath cmd code codecs codeop
        collections colorsys commands compileall compiler compression concurrent ConfigParser configparser contextlib contextvars Cookie
        cookielib copy copyreg cPickle cProfile crypt csv ctypes curses dataclasses datetime dbhash dbm decimal difflib dircache dis
        distutils dl doctest DocXMLRPCServer dumbdbm dummy_thread dummy_threading email encodings ensurepip enum errno exceptions
        faulthandler fcntl filecmp fileinput fnmatch formatter fpformat fractions ftplib functools future_builtins gc gdbm genericpath
        getopt getpass gettext glob graphlib grp gzip hashlib heapq hmac hotshot html htmlentitydefs htmllib HTMLParser http httplib
        idlelib ihooks imaplib imghdr imp importlib imputil inspect io ipaddress itertools json keyword lib2to3 linecache locale logging
        lzma macpath mailbox mailcap markupbase marshal math md5 mhlib mimetools mimetypes MimeWriter mimify mmap modulefinder msilib
        msvcrt multifile multiprocessing mutex netrc new nis nntplib nt ntpath nturl2path numbers opcode operator optparse os os2emxpath
        ossaudiodev parser pathlib pdb pickle pickletools pipes pkgutil platform plistlib popen2 poplib posix posixfile posixpath pprint
        profile pstats pty pwd py_compile pyclbr pydoc pydoc_data pyexpat queue Queue quopri random re readline repr reprlib resource
        rexec rfc822 rlcompleter robotparser runpy sched secrets select selectors sets sgmllib sha shelve shlex shutil signal
        SimpleHTTPServer SimpleXMLRPCServer site smtpd smtplib sndhdr socket SocketServer socketserver spwd sqlite3 sre sre_compile
        sre_constants sre_parse ssl stat statistics statvfs string StringIO stringold stringprep struct subprocess sunau sunaudio symbol
        symtable sys sysconfig syslog tabnanny tarfile telnetlib tempfile termios test textwrap this thread threading time timeit Tkinter
        tkinter toaiff token tokenize tomllib trace traceback tracemalloc tty turtle turtledemo types typing unicodedata unittest urllib
        urllib2 urlparse user UserDict UserList UserString uu uuid venv warnings wave weakref webbrowser winreg winsound wsgiref xdrlib
        xml xmllib xmlrpc xmlrpclib xxlimited xxsubtype zipapp zipfile zipimport zlib zoneinfo
        """;

    /// <summary>Packages whose very purpose is to install, run, evaluate, load or connect.</summary>
    public const string DangerousPackages = """
        pip setuptools pkg_resources _distutils_hack wheel build easy_install virtualenv conda poetry
        cloudpickle dill jsonpickle marshmallow yaml ruamel hickle klepto
        IPython ipykernel ipywidgets jupyter_client jupyter_core jupyter_server notebook nbconvert nbformat ptpython bpython pexpect ptyprocess
        paramiko fabric invoke sh plumbum sarge delegator psutil watchdog docker kubernetes ansible salt
        requests urllib3 httpx httplib2 aiohttp websocket websockets pycurl tornado twisted gevent zmq grpc flask django bottle fastapi uvicorn gunicorn
        boto boto3 botocore s3fs gcsfs fsspec smart_open huggingface_hub wandb
        celery dask distributed ray rq pyro4 Pyro4 Pyro5 execnet rpyc mpi4py
        sqlalchemy psycopg2 pymysql MySQLdb pymongo redis
        jinja2 mako chameleon numexpr asteval simpleeval sympy patsy cffi Cython pyximport numba pycparser win32api win32com win32process win32pipe pythoncom comtypes
        nose pytest _pytest py hypothesis ptvsd debugpy pdbpp code_interact guppy lldb gdb
        joblib bdist torch_jit
        """;

    /// <summary>Names that are dangerous wherever they come from: modules found inside others, and what runs things.</summary>
    public const string DangerousNames = """
        os posix nt sys subprocess builtins __builtin__ shutil socket ctypes importlib pickle _pickle cPickle marshal runpy pty imp posixpath
        ntpath tempfile multiprocessing threading signal webbrowser urllib pathlib codeop cloudpickle dill joblib
        eval exec execfile compile __import__ import_module system popen popen2 popen3 popen4 Popen spawn spawnl spawnv spawnve fork forkpty
        execl execle execlp execv execve execvp check_output check_call getoutput getstatusoutput run_path run_module _run_code
        runcode runsource runstring getattr setattr delattr globals locals vars open fdopen write_text write_bytes read_text read_bytes
        unlink rmdir rmtree remove_tree symlink_to hardlink_to attrgetter methodcaller
        exec_ reload reload_module breakpoint input raw_input apply run_cmd run_command shell
        FunctionType LambdaType CodeType ModuleType MethodType FileIO FileHandler SourceFileLoader SourcelessFileLoader ExtensionFileLoader zipimporter
        CDLL PyDLL LibraryLoader Thread Process ThreadPoolExecutor ProcessPoolExecutor HTTPConnection HTTPSConnection ServerProxy ZipFile TarFile
        NamedTemporaryFile TemporaryDirectory TemporaryFile SpooledTemporaryFile
        """;
}
