using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Raywright.Server.Environments;

internal sealed class EnvironmentRow
{
    public required string Name { get; init; }

    public required bool Production { get; set; }

    /// <summary>Where its replicas run.</summary>
    public required string Compute { get; set; }

    /// <summary>Where it stands among the others, from the one that is deployed to first.</summary>
    public required int Place { get; set; }

    internal sealed class Configuration : IEntityTypeConfiguration<EnvironmentRow>
    {
        public void Configure(EntityTypeBuilder<EnvironmentRow> builder)
        {
            builder.ToTable("environments");
            builder.HasKey(row => row.Name);
            // What every installation starts with; they are rows like any other from then on.
            builder.HasData(
                new EnvironmentRow { Name = "dev", Production = false, Compute = "embedded", Place = 1 },
                new EnvironmentRow { Name = "staging", Production = false, Compute = "embedded", Place = 2 },
                new EnvironmentRow { Name = "prod", Production = true, Compute = "embedded", Place = 3 });
        }
    }
}
