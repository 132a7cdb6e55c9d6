using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace Raywright.Server.Store.Migrations.Sqlite
{
    /// <inheritdoc />
    public partial class ProposedCases : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.AddColumn<string>(
                name: "Examples",
                table: "endpoints",
                type: "TEXT",
                nullable: true);

            migrationBuilder.CreateTable(
                name: "proposed_cases",
                columns: table => new
                {
                    Id = table.Column<long>(type: "INTEGER", nullable: false)
                        .Annotation("Sqlite:Autoincrement", true),
                    Model = table.Column<string>(type: "TEXT", nullable: false),
                    Version = table.Column<int>(type: "INTEGER", nullable: true),
                    Line = table.Column<string>(type: "TEXT", nullable: false),
                    At = table.Column<long>(type: "INTEGER", nullable: false),
                    By = table.Column<string>(type: "TEXT", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_proposed_cases", x => x.Id);
                });

            migrationBuilder.CreateIndex(
                name: "IX_proposed_cases_Model",
                table: "proposed_cases",
                column: "Model");
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropTable(
                name: "proposed_cases");

            migrationBuilder.DropColumn(
                name: "Examples",
                table: "endpoints");
        }
    }
}
