using System.Text.Json;
using System.Text.Json.Serialization;

namespace Raywright.Ray.Local;

[JsonSourceGenerationOptions(JsonSerializerDefaults.Web, WriteIndented = true, RespectNullableAnnotations = true, RespectRequiredConstructorParameters = true)]
[JsonSerializable(typeof(PythonAnswer))]
[JsonSerializable(typeof(HeadRecord))]
internal sealed partial class LocalJson : JsonSerializerContext;
